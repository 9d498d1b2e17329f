"""Files that people upload: refused with a sentence, or read as rows. Plain Python, no Django, nothing on disk."""
