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
        exercise("12.C", choice("b"))
            .mistake(choice("a"), "Nada le dice cuáles están mal, y con 40 épocas le sobra tiempo para aprenderse las equivocadas una a una.", "Nothing tells it which are wrong, and in 40 epochs it has time to learn the wrong ones one by one.")
            .mistake(choice("c"), "Para dar etiquetas equivocadas tiene que torcer sus fronteras, y lo pagan las imágenes nuevas que caen cerca.", "To give wrong labels it has to bend its boundaries, and the new images that fall nearby pay for it.")
            .why("Una red con miles de pesos puede memorizar 400 etiquetas, verdaderas o falsas; lo que memoriza de las falsas lo falla fuera.", "A network with thousands of weights can memorise 400 labels, true or false; what it memorises of the false ones it gets wrong outside."),
        exercise("12.D", choice("a"))
            .mistake(choice("b"), "Con la misma η, SGD da pasos mucho menores que Adam: en 40 épocas apenas se mueve.", "With the same η SGD takes far smaller steps than Adam: in 40 epochs it hardly moves.")
            .mistake(choice("c"), "Acabas de verlo: sin regularizar memoriza las etiquetas equivocadas.", "You have just seen it: without regularisation it memorises the wrong labels.")
            .why("Batch normalization vuelve a poner la escala que los pesos pequeños quitan: con ella, la inicialización casi no se nota.", "Batch normalisation puts back the scale that small weights take away: with it the initialisation hardly shows."),
    ]
}
