"""The web half: Django project and apps."""
