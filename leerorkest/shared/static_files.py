"""Static files under a name that changes with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Also inside our modules: `import … from "./outbox.js"` then names the file as it is served."""

    support_js_module_import_aggregation = True
