"""LeNet-5 on MNIST digits: convolutions and poolings in turn, then three dense layers, 61,706 parameters.

The layers are those of LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition, Proceedings of the IEEE 86,
1998, with ReLU, maximum pooling and a softmax, as it is taught today.

    python -m fgrad.examples.lenet
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import fgrad
from fgrad import nn, optim
from fgrad.examples import mnist

HE = nn.initializers.he_normal()

MODEL = nn.serial(
    nn.conv(6, (5, 5), padding=2, w_init=HE),  # [n, 1, 28, 28] -> [n, 6, 28, 28]
    nn.relu,
    lambda x: nn.max_pool2d(x, 2),  # [n, 6, 14, 14]
    nn.conv(16, (5, 5), w_init=HE),  # [n, 16, 10, 10]
    nn.relu,
    lambda x: nn.max_pool2d(x, 2),  # [n, 16, 5, 5]
    nn.flatten,
    nn.dense(120, w_init=HE),
    nn.relu,
    nn.dense(84, w_init=HE),
    nn.relu,
    nn.dense(10, w_init=HE),
)


def load() -> tuple[mnist.Data, mnist.Data]:
    """Training and test images f32[n, 1, 28, 28], and labels."""
    (images, labels), (test_images, test_labels) = mnist.load()
    shaped = lambda x: x.reshape(-1, 1, 28, 28).astype(np.float32)
    return (shaped(images), labels), (shaped(test_images), test_labels)


def init(seed: int = 0) -> Any:
    return MODEL.init(fgrad.random.key(seed), np.zeros((1, 1, 28, 28), np.float32))


def loss(params: Any, images: Any, labels: Any) -> Any:
    """The mean cross entropy."""
    return np.mean(nn.softmax_cross_entropy(MODEL.apply(params, images), labels))


predict = fgrad.jit(lambda params, images: np.argmax(MODEL.apply(params, images), axis=1))


def accuracy(params: Any, images: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(predict(params, images) == labels))


def train(params: Any, data: mnist.Data, epochs: int = 15, seed: int = 0) -> optim.FitResult:
    """Adam with weight decay on batches of 64, its rate falling along a cosine."""
    rate = optim.cosine_decay_schedule(4e-3, epochs * (len(data[1]) // 64))
    optimizer = optim.adamw(rate, weight_decay=0.1)
    return optim.fit(loss, params, data, optimizer, epochs=epochs, batch_size=64, key=fgrad.random.key(seed))


def main() -> tuple[float, float]:
    """Returns the test accuracy and the seconds of training, compilation included."""
    training, test = load()
    start = time.perf_counter()
    params, _, history, _ = train(init(), training)
    seconds = time.perf_counter() - start
    found = accuracy(params, *test)
    print(f"{mnist.count(params)} parameters, cost {history['epoch_loss'][-1]:.4f}, compiled and trained in {seconds:.1f} s")
    print(f"accuracy {found:.3f} on {len(test[1])} images not trained on")
    return found, seconds


if __name__ == "__main__":
    main()
