"""Django's door: `python manage.py <command>`."""

import sys

from django.core.management import execute_from_command_line

from studio.env import prepare_process

if __name__ == "__main__":
    prepare_process()
    execute_from_command_line(sys.argv)
