"""The address all doors to visits share: their files lie in the inner rooms."""

from flask import Blueprint

bp = Blueprint("appointments", __name__, url_prefix="/appointments")
