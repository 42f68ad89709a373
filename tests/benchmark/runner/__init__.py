# SPDX-License-Identifier: MIT
"""The parts of `run`: what is measured, by which programs, how, and what is made of it."""
