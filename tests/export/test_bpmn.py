"""BPMN files: valid by the schema, read by other tools, the same behaviour when read back."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest
from lxml import etree

from tests.export.demo import LANES, LONG, NAME, facts, procedure
from tests.export.nets import Runner, from_pm4py
from tests.export.trees import Tree, random_tree, to_bpmn
from workbench.errors import ModelError
from workbench.export.bpmn import FACTS, MODEL, write_bpmn
from workbench.export.bpmn_drawing import draw_bpmn
from workbench.export.bpmn_graph import standardise
from workbench.export.layout import text_width
from workbench.mining.model import Bpmn, Flow, Node
from workbench.mining.model_files import read_model
from workbench.mining.pm4py_door import pm4py, to_petri

NPM = Path(__file__).parents[1] / "npm"
NS = {"b": MODEL, "wb": FACTS, "di": "http://www.omg.org/spec/BPMN/20100524/DI"}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    pytest.importorskip("SpiffWorkflow", reason="carries the schema of BPMN 2.0")
    folder = resources.files("SpiffWorkflow.bpmn.parser") / "schema" / "BPMN20.xsd"
    return etree.XMLSchema(etree.parse(str(folder)))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The demo in its forms, random trees, hard labels."""
    folder = tmp_path_factory.mktemp("bpmn")
    out = [
        write_bpmn(procedure(), folder / "demo.bpmn", lanes=LANES, name=NAME, facts=facts()),
        write_bpmn(procedure(), folder / "plain.bpmn"),
        write_bpmn(procedure(), folder / "english.bpmn", lanes=LANES, language="en", facts=facts(), deadlines=False),
        write_bpmn(procedure(), folder / "run.bpmn", lanes=LANES, facts=facts(), executable=True),
        write_bpmn(hard_labels(), folder / "hard.bpmn", lanes={"x" * 300: "Đơn vị <&> " * 8}),
    ]
    for seed in range(12):
        tree = random_tree(seed, 2 + 3 * seed)
        bpmn = to_bpmn(tree, shares=seed % 2 == 0)
        lanes = {step: f"Đơn vị {len(step) % 4}" for step in bpmn.steps}
        out.append(write_bpmn(bpmn, folder / f"tree{seed}.bpmn", lanes=lanes if seed % 3 else None))
    return out


def hard_labels() -> Bpmn:
    labels = ["x" * 300, 'a "quoted" <tag> & \x01 more', "đổi Đ ỗ ặ ữ", LONG * 2]
    nodes = [Node("0 lạ/id", "start"), *(Node(f"bước {k}!", "task", label) for k, label in enumerate(labels))]
    nodes.append(Node("0_l_id", "end"))
    pairs = itertools.pairwise(nodes)
    return Bpmn(tuple(nodes), tuple(Flow(a.id, b.id) for a, b in pairs))


def test_files_are_valid_by_the_schema(samples, schema):
    for path in samples:
        schema.assertValid(etree.parse(str(path)))


def test_every_node_and_flow_is_drawn_once(samples):
    for path in samples:
        root = etree.parse(str(path)).getroot()
        drawn = root.xpath("//di:BPMNShape/@bpmnElement | //di:BPMNEdge/@bpmnElement", namespaces=NS)
        meant = root.xpath(
            "//b:process/b:*[@id and not(self::b:laneSet)]/@id | //b:lane/@id | //b:participant/@id | //b:messageFlow/@id",
            namespaces=NS,
        )
        assert sorted(drawn) == sorted(meant), path.name


def test_every_node_is_in_one_lane(samples):
    root = etree.parse(str(samples[0])).getroot()
    refs = root.xpath("//b:flowNodeRef/text()", namespaces=NS)
    nodes = root.xpath("//b:process/b:*[b:incoming or b:outgoing or self::b:boundaryEvent]/@id", namespaces=NS)
    assert sorted(refs) == sorted(nodes)
    names = root.xpath("//b:lane/@name", namespaces=NS)
    assert names[0] == "Bộ phận một cửa" and set(names) == set(LANES.values())


def test_facts_are_carried(samples):
    root = etree.parse(str(samples[0])).getroot()
    timers = root.xpath("//b:boundaryEvent[@cancelActivity='false']//b:timeDuration/text()", namespaces=NS)
    assert sorted(timers) == sorted(["PT2H", "PT4H", "PT4H", "PT4H", "PT40H", "PT24H", "PT16H", "PT8H", "PT8H", "PT2H"])
    assert len(root.xpath("//b:messageFlow", namespaces=NS)) == 2
    sign = root.xpath("//b:userTask[@name='Lãnh đạo ký']", namespaces=NS)[0]
    assert "[chưa kiểm chứng]" in sign.findtext("b:documentation", namespaces=NS)
    assert sign.xpath(".//wb:legalBasis/@verified", namespaces=NS) == ["false", "true"]
    assert sign.xpath(".//wb:option/@organisations", namespaces=NS) == ["H49 H56"]
    assert "18 %" in root.xpath("//b:sequenceFlow/@name", namespaces=NS)
    assert root.xpath("//wb:procedure/@limitWorkingHours", namespaces=NS) == ["80"]


def test_without_facts_nothing_is_made_up(samples):
    root = etree.parse(str(samples[1])).getroot()
    assert not root.xpath("//b:laneSet | //b:boundaryEvent | //b:messageFlow | //wb:step", namespaces=NS)


def test_a_step_without_a_unit_is_said_to_have_none():
    lanes = {k: v for k, v in LANES.items() if k != "Trả kết quả"}
    assert "Chưa rõ đơn vị" in [lane.name for lane in draw_bpmn(procedure(), lanes=lanes).lanes]


def test_long_labels_stay_in_their_boxes():
    drawing = draw_bpmn(hard_labels())
    for shape in drawing.shapes:
        if shape.kind == "task" and shape.text:
            assert all(text_width(line) <= shape.box.width - 10 for line in shape.text.lines)
            assert len(shape.text.lines) * 14.4 <= shape.box.height - 10


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if not found or not (NPM / "node_modules").exists():
        pytest.skip("node or the packages of tests/npm are not installed")
    return found


def test_linter_and_schema_model_find_nothing(samples, node):
    done = subprocess.run([node, "check.mjs", *map(str, samples)], cwd=NPM, capture_output=True, text=True, check=True)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == len(samples)
    for report in reports:
        assert report["warnings"] == [] and report["problems"] == [], report


@pytest.mark.browser
def test_bpmn_js_imports_without_a_warning(samples, node, browser):
    script = """async xml => {
        const viewer = new BpmnJS({ container: '#canvas' });
        const { warnings } = await viewer.importXML(xml);
        const count = viewer.get('elementRegistry').getAll().filter(e => e.type !== 'label').length;
        viewer.destroy();
        return [warnings.map(w => w.message), count];
    }"""
    page = browser.new_page()
    page.goto((NPM / "view.html").as_uri())
    for path in samples:
        warnings, count = page.evaluate(script, path.read_text("utf-8"))
        drawn = etree.parse(str(path)).xpath("count(//di:BPMNShape | //di:BPMNEdge)", namespaces=NS)
        assert (warnings, count) == ([], drawn + 1), path.name
    page.close()


def net_of(path: Path) -> Runner:
    return Runner(from_pm4py(*pm4py.convert_to_petri_net(pm4py.read_bpmn(str(path)))))


def test_pm4py_reads_the_same_language_from_small_trees(tmp_path):
    for seed in range(25):
        bpmn = to_bpmn(random_tree(seed, random.Random(seed).randint(1, 6), operators=("seq", "xor", "and", "loop")))
        path = write_bpmn(bpmn, tmp_path / "one.bpmn", lanes={step: step[:1] for step in bpmn.steps})
        assert net_of(path).language(6) == Runner(to_petri(bpmn)).language(6), seed


def test_pm4py_accepts_sampled_traces_of_the_demo(tmp_path):
    ours = Runner(to_petri(procedure()))
    theirs = net_of(write_bpmn(procedure(), tmp_path / "demo.bpmn", lanes=LANES, facts=facts()))
    rng = random.Random(1)
    traces = {trace for _ in range(60) if (trace := ours.sample(rng))}
    back = {trace for _ in range(60) if (trace := theirs.sample(rng))}
    assert len(traces) > 5 and all(theirs.accepts(trace) for trace in traces)
    assert back and all(ours.accepts(trace) for trace in back)
    wrong = tuple(reversed(next(iter(traces))))
    assert not theirs.accepts(wrong)


# standard form ------------------------------------------------------------------------------------------
def graph(pairs: str, **kinds: str) -> Bpmn:
    flows = [Flow(*pair.split("-")) for pair in pairs.split()]
    ids = dict.fromkeys(end for f in flows for end in (f.source, f.target))
    nodes = [Node(i, kinds.get(i, "task"), i if kinds.get(i, "task") == "task" else "") for i in ids]
    return Bpmn(tuple(nodes), tuple(flows))


def test_steps_get_explicit_gateways():
    out = standardise(graph("s-a a-b a-c b-d c-d d-t", s="start", t="end"))
    kinds = {n.id: n.kind for n in out.nodes}
    assert kinds["a_split"] == "and" and kinds["d_join"] == "xor"
    assert Runner(to_petri(out)).language(9) == Runner(
        to_petri(graph("s-a a-b a-c b-d c-d d-t", s="start", t="end"))
    ).language(9)


def test_gateways_join_or_split_and_are_needed():
    out = standardise(graph("s-a a-x b-x x-c x-b c-y y-t", s="start", t="end", x="xor", y="xor"))
    kinds = [n.kind for n in out.nodes if n.id.startswith(("x", "y"))]
    assert kinds == ["xor", "xor"]
    for n in out.nodes:
        into, leaving = (sum(getattr(f, side) == n.id for f in out.flows) for side in ("target", "source"))
        assert not (into > 1 and leaving > 1)


def test_several_starts_and_loose_ends_are_closed():
    out = standardise(graph("s-a r-b a-c b-c", s="start", r="start"))
    assert [n.kind for n in out.nodes].count("start") == 1 and any(n.kind == "end" for n in out.nodes)


def test_models_that_cannot_be_drawn_are_refused():
    with pytest.raises(ModelError, match="no step"):
        standardise(graph("s-t", s="start", t="end"))
    with pytest.raises(ModelError, match="not on a way"):
        standardise(graph("s-a a-t b-c c-b", s="start", t="end"))
    with pytest.raises(ModelError, match="waits for itself"):
        standardise(graph("s-a a-x x-x x-t", s="start", t="end", x="and"))
    with pytest.raises(ModelError, match="twice"):
        standardise(Bpmn((Node("a", "task", "a"), Node("a", "task", "b")), ()))


def test_an_unsound_model_is_not_made_executable(tmp_path):
    """A choice that a parallel join waits for: one of the two never comes."""
    stuck = graph("s-x x-a x-b a-y b-y y-t", s="start", t="end", x="xor", y="and")
    with pytest.raises(ModelError, match="not sound"):
        write_bpmn(stuck, tmp_path / "stuck.bpmn", executable=True)
    assert not (tmp_path / "stuck.bpmn").exists()
    assert write_bpmn(stuck, tmp_path / "shown.bpmn").exists(), "as a picture of what the log shows it may be drawn"


def test_a_tree_leaf_alone_is_a_procedure(tmp_path):
    path = write_bpmn(to_bpmn(Tree("task", label="Một bước")), tmp_path / "one.bpmn")
    assert net_of(path).language(3) == {("Một bước",)}


def test_the_workbench_reads_back_what_it_wrote(samples):
    for path in samples:
        assert isinstance(read_model(path), Bpmn)
    demo = read_model(samples[0])
    assert isinstance(demo, Bpmn)
    rng = random.Random(2)
    ours, theirs = Runner(to_petri(procedure())), Runner(to_petri(demo))
    traces = [trace for _ in range(40) if (trace := ours.sample(rng))]
    assert traces and all(theirs.accepts(trace) for trace in traces)
