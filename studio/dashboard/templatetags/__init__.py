"""Template tags of the frame; `{% load studio %}` in any template."""
