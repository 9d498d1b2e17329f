"""Files as they are served: a module finds the modules it needs under their hashed names."""

from django.core.files.storage import FileSystemStorage

from leerorkest.shared.static_files import HashedFiles


def test_a_module_names_the_other_as_it_is_served(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "one.js").write_text('import { two } from "./two.js";\ntwo();\n')
    (source / "two.js").write_text("export const two = () => 2;\n")
    served = HashedFiles(location=tmp_path / "served", base_url="/static/")
    here = FileSystemStorage(location=source)
    for name in ("one.js", "two.js"):
        with here.open(name) as file:
            served.save(name, file)
    list(served.post_process({name: (here, name) for name in ("one.js", "two.js")}))
    two = served.hashed_files["two.js"]
    assert two != "two.js"
    assert f'from "./{two}"' in (tmp_path / "served" / served.hashed_files["one.js"]).read_text()
