//! Lesson 12.

use super::exercise::{Exercise, choice, exercise};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("12.A", choice("b"))
            .mistake(choice("a"), "Para eso habría que dividir entre 1 - p las que quedan, y esta función no lo hace.", "For that the ones that stay would have to be divided by 1 - p, and this function does not do so.")
            .mistake(choice("c"), "En test no se anula ninguna: la media es la de siempre, 2.", "In the test none is set to 0: the mean is what it always was, 2.")
            .why("Al entrenar, la mitad son 0 y las demás siguen en 2: la media es 1. En test, 2.", "In training half are 0 and the others stay 2: the mean is 1. In the test it is 2."),
        exercise("12.B", choice("c"))
            .mistake(choice("a"), "La de la celda nunca multiplica la velocidad por nada: cada paso le suma lo mismo.", "The one of the cell never multiplies the velocity by anything: each step adds the same to it.")
            .mistake(choice("b"), "La de verdad pierde una décima parte de su velocidad en cada paso: cuanto más rápida, más pierde.", "The real one loses a tenth of its velocity in each step: the faster, the more it loses.")
            .why("Con freno, lo que se pierde iguala a lo que se gana cuando v = -η g / (1 - μ) = -1.", "With a brake what is lost equals what is gained when v = -η g / (1 - μ) = -1."),
        exercise("12.C", choice("a"))
            .mistake(choice("b"), "Los dígitos son fáciles: memorizar los de entrenamiento no le impide acertar los otros.", "The digits are easy: to learn those of training by heart does not keep it from being right about the others.")
            .mistake(choice("c"), "Eso sería un sobreajuste fuerte, y aquí hay 1437 ejemplos de un problema fácil.", "That would be strong overfitting, and here there are 1437 examples of an easy problem.")
            .why("Una capa de ReLU con He y Adam basta para pasar del 96 %, sin regularizar nada.", "One layer of ReLU with He and Adam is enough to pass 96 %, with nothing regularised."),
        exercise("12.D", choice("b"))
            .mistake(choice("a"), "Aunque acierte todas las de entrenamiento, la diferencia es 1 - 0.96 = 0.04 como mucho.", "Even with all of those of training right the difference is 1 - 0.96 = 0.04 at most.")
            .mistake(choice("c"), "Vale para cualquier red y cualquier semilla: es una resta.", "It holds for any network and any seed: it is a subtraction.")
            .why("Nadie acierta más del 100 %: con un 96 % en las nuevas, la diferencia no pasa de 0.04.", "Nobody gets more than 100 %: with 96 % on the new ones the difference is 0.04 at most."),
    ]
}
