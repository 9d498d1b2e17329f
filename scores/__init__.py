"""The music engine: reads scores, fits a part to every child, proves it, and prints it. Plain Python, without Django.

Start at README.md. The model is in model.py; everything else takes it or makes it.
"""
