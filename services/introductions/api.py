"""The API for members: introductions they asked for, were asked for, or take part in."""

from fastapi import APIRouter

router = APIRouter(tags=["introductions"])
