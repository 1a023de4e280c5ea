"""The workloads in Keras 3 on TensorFlow: `keras` as its guides write it, with `fit` on arrays; `keras-xla` with
`jit_compile` and several steps per execution."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from keras import layers

from workloads import BATCH, L2, main

tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.threading.set_inter_op_parallelism_threads(2)


def network(workload):
    match workload:
        case "A":
            body = [layers.Input([784]), layers.Dense(30, "sigmoid")]
        case "B":
            hidden = layers.Dense(
                1024, "relu", kernel_initializer="he_normal", kernel_regularizer=keras.regularizers.L2(L2)
            )
            body = [layers.Input([784]), hidden, layers.Dropout(0.5)]
        case "C":
            body = [layers.Input([784])]
            for _ in range(3):
                body += [layers.Dense(256, kernel_initializer="he_normal"), layers.BatchNormalization(), layers.ReLU()]
        case "D":
            body = [
                layers.Input([28, 28, 1]),
                layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2),
                layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2),
                layers.Flatten(), layers.Dense(128, "relu"),
            ]  # fmt: skip
        case "E":
            body = [layers.Input([32, 32, 3])]
            body += [layers.Conv2D(128, 3, activation="relu") for _ in range(3)]
            body += [layers.Flatten(), layers.Dense(1024, "relu")]
    return keras.Sequential([*body, layers.Dense(10)])


class Net:
    def __init__(self, peer, workload, train, test, seed):
        keras.utils.set_random_seed(seed)
        self.train, self.test = train, test
        self.net = network(workload)
        rates = {"B": 1e-4, "C": 1e-3, "D": 1e-3, "E": 1e-4}
        xla = peer == "keras-xla"
        self.net.compile(
            optimizer=keras.optimizers.SGD(0.1) if workload == "A" else keras.optimizers.Adam(rates[workload]),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=xla,
            steps_per_execution=32 if xla and workload in "ABC" else 1,
        )

    def epoch(self, rows):
        x, y = self.train
        self.net.fit(x[:rows], y[:rows], batch_size=BATCH, epochs=1, verbose=0)

    def accuracy(self):
        return self.net.evaluate(*self.test, batch_size=1024, verbose=0)[1]


def build(peer, workload, train, test):
    return lambda seed: Net(peer, workload, train, test, seed)


main(["keras", "keras-xla"], build)
