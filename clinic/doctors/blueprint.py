"""The address all doors to doctors share: their files lie in the inner rooms."""

from flask import Blueprint

bp = Blueprint("doctors", __name__)
