"""Cells of So, Kent and Grill (2012) as a user would write them: the operations of the core's headers, in order."""

from typing import Any


def _odds(name: str, middle: float, slope: float) -> str:
    return f"exp(fma({name}, -1/{slope}, {middle}/{slope}))"


def _relaxing(x: str, rate: str, against: str, least: str, more: str, slow: str) -> str:
    away = f"fma(-{x}, 1 + {against}, 1)*(1 + {slow})"
    return f"{rate}*({away})/((1 + {against})*fma({least}, {slow}, {least} + {more}))"


STN: dict[str, Any] = {
    "inputs": ["gaba"],
    "parameters": {"leakage": 2.25, "rate": 0.75, "impulse": 0.43},
    "where": {
        "of_m": f"1 + {_odds('v', -30, 15)}",
        "of_a": f"1 + {_odds('v', -63, 7.8)}",
        "both": "1/(of_m*of_a)",
        "m": "both*of_a",
        "a": "both*of_m",
        "b": f"1/(1 + {_odds('r', 0.4, 0.1)}) - 0.017986209962091559",
        "against_n": _odds("v", -32, 8),
        "against_h": _odds("v", -39, -3.1),
        "against_r": _odds("v", -67, -2),
        "against_c": "4.4816890703380645*against_n",
        "slow": _odds("v", -80, -26),
        "slow_h": _odds("v", -57, -3),
        "slow_r": _odds("v", 68, -2.2),
        "leak": "leakage*(v + 60)",
        "sodium": "37*m**3*h*(v - 55)",
        "potassium": "45*n**4*(v + 80)",
        "low": "0.5*a**3*b**2*(v - 140)",
        "calcium": "2*c**2*(v - 140)",
        "after": "20*(v + 80)*ca/(ca + 15)",
    },
    "equations": {
        "v": "current - leak - sodium - potassium - low - calcium - after - gaba*(v + 85)",
        "n": _relaxing("n", "rate", "against_n", "1", "100", "slow"),
        "h": _relaxing("h", "rate", "against_h", "1", "500", "slow_h"),
        "r": _relaxing("r", "0.2", "against_r", "7.1", "17.5", "slow_r"),
        "c": _relaxing("c", "0.08", "against_c", "1", "10", "slow"),
        "ca": "3.75e-5*(-calcium - low - 22.5*ca)",
        "s": "z",
        "z": "-0.4*z - 0.04*(s + ahead*z)",
    },
    "start": {
        "n": "sigmoid((v + 32)/8)",
        "h": "sigmoid(-(v + 39)/3.1)",
        "r": "sigmoid(-(v + 67)/2)",
        "c": "sigmoid((v + 20)/8)",
        "ca": "0.1",
    },
    "threshold": -10.0,
    "spike": {"z": "z + impulse/5*2.7182818284590452"},
}
"""The subthalamic cell."""

TH: dict[str, Any] = {
    "inputs": ["gaba"],
    "parameters": {},
    "where": {
        "of_m": f"1 + {_odds('v', -37, 7)}",
        "of_p": f"1 + {_odds('v', -60, 6.2)}",
        "both": "1/(of_m*of_p)",
        "m": "both*of_p",
        "p": "both*of_m",
        "against_r": _odds("v", -84, -4),
        "against_h": "2.1445408316589164e-5*against_r",
        "quick": f"1 + {_odds('v', -23, 5)}",
        "slow": _odds("v", -46, 18),
        "leak": "0.05*(v + 70)",
        "sodium": "3*m**3*h*(v - 50)",
        "potassium": "5*(0.75*(1 - h))**4*(v + 75)",
        "calcium": "5*p**2*r*v",
    },
    "equations": {
        "v": "current - leak - sodium - potassium - calcium - gaba*(v + 85)",
        "h": "fma(-h, 1 + against_h, 1)*fma(0.128*slow, quick, 4)/((1 + against_h)*quick)",
        "r": f"fma(-r, 1 + against_r, 1)/((1 + against_r)*(0.15*(28 + {_odds('v', -25, 10.5)})))",
    },
    "start": {"h": "sigmoid(-(v + 41)/4)", "r": "sigmoid(-(v + 84)/4)"},
    "threshold": -40.0,
    "spike": {},
}
"""The thalamic cell, which has no synapse."""
