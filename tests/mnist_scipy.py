"""SciPy's L-BFGS-B from the starts of tests/mnist.rs: python3 mnist_scipy.py MNIST_FOLDER STARTS_FOLDER (needs NumPy and SciPy)."""
import glob, gzip, os, sys, time
import numpy as np
from scipy.optimize import minimize

mnist, starts = sys.argv[1:]
path = glob.glob(os.path.join(mnist, 'train-images*'))[0]
raw = (gzip.open if path.endswith('.gz') else open)(path, 'rb').read()
X = np.ascontiguousarray(np.frombuffer(raw, np.uint8, 784 * 10000, 16).reshape(10000, 784).T / 255.0)
V, H, M, LAMBDA, RHO, BETA = 784, 196, 10000, 3e-3, 0.1, 3.0
sigmoid = lambda z: 1 / (1 + np.exp(-z))


def cost_and_gradient(theta):
    W1, W2 = theta[:H * V].reshape(H, V), theta[H * V:2 * H * V].reshape(V, H)
    b1, b2 = theta[2 * H * V:2 * H * V + H, None], theta[2 * H * V + H:, None]
    a2 = sigmoid(W1 @ X + b1)
    y = sigmoid(W2 @ a2 + b2)
    mean = a2.mean(1, keepdims=True)
    J = ((y - X) ** 2).sum() / (2 * M) + LAMBDA / 2 * ((W1 ** 2).sum() + (W2 ** 2).sum())
    J += BETA * (RHO * np.log(RHO / mean) + (1 - RHO) * np.log((1 - RHO) / (1 - mean))).sum()
    d3 = (y - X) * y * (1 - y)
    d2 = (W2.T @ d3 + BETA * (-RHO / mean + (1 - RHO) / (1 - mean))) * a2 * (1 - a2)
    blocks = d2 @ X.T / M + LAMBDA * W1, d3 @ a2.T / M + LAMBDA * W2, d2.mean(1), d3.mean(1)
    return J, np.concatenate([block.ravel() for block in blocks])


for path in sorted(glob.glob(os.path.join(starts, 'start-*.f64'))):
    theta, begun = np.fromfile(path, '<f8'), time.time()
    s = minimize(cost_and_gradient, theta, jac=True, method='L-BFGS-B',
                 options=dict(maxcor=10, maxiter=400, maxfun=10000, ftol=0, gtol=0))
    print(f'{os.path.basename(path)}: J0 {cost_and_gradient(theta)[0]:.6f} J {s.fun:.6f}, {s.nit} iterations, {s.nfev / s.nit:.4f} evaluations an iteration, '
          f'{time.time() - begun:.0f} s', flush=True)
