"""The matrix benchmark covers what it says."""

from __future__ import annotations

import pytest

from tests.bench import matrix


@pytest.mark.slow
def test_forty_procedures_of_several_logs_are_judged(tmp_path):
    found = matrix.measure(2_000)
    assert found["procedures"] == matrix.PROCEDURES
    assert found["organisations"] == 34
    assert 0 < found["cells"] <= 34 * 40
    assert found["variants_aligned"] == found["variants"]
    assert 0.5 < found["mean_fitness"] <= 1
    text = matrix.write(found, tmp_path)
    assert "34 organisations × 40 procedures" in text
    assert (tmp_path / "matrix.json").exists()
