"""Résumés: JSON Resume, PDF and Word. Each gives a profile for its owner to confirm, and no contacts."""

from services.profiles.imports.resume import docx, json_resume, pdf

FORMATS = (json_resume.FORMAT, docx.FORMAT, pdf.FORMAT)

__all__ = ["FORMATS"]
