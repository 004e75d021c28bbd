"""Distillation Workbench: find and document adversarial distillation in API logs.

The rooms, from the ground up: domain, kernels, (case | formats | analysis),
(bundle | simulate | evaluate), services, (ui | cli). Imports go down only.
"""

__version__ = "0.1.0"
