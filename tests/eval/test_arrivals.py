"""Answers that wait for their turn come back as they were."""

from dataclasses import replace

from eval.arrivals import Arrived, append, beside, read
from policy.samples import Completion, Head, finished
from policy.samples import append as append_samples

HEAD = Head("m", "endpoint:m@h", "worlds", None, "test", "strict", None, "endpoint", "", 1, 0.0, 9, 1, 0)


def test_whatever_a_model_writes_is_read_as_it_was_written(tmp_path):
    output = tmp_path / "samples.jsonl"
    texts = ["SELECT 1\u2028FROM t", "\x85\x0b\x0c\r\n", "half a face \ud83d", "", '"\\']
    some = [Arrived(f"q{place}", 0, text, 3, 9, "stop", "m", "") for place, text in enumerate(texts)]
    for one in some:
        append(beside(output), HEAD, one)
    with beside(output).open("a") as torn:
        torn.write('{"of": "torn')
    assert read(beside(output), HEAD) == some
    append_samples(output, HEAD, {}, [(one.example, [Completion(one.text, 3, False, None)]) for one in some])
    assert finished(output, HEAD) == {one.example for one in some}
    assert read(beside(output), replace(HEAD, request=None)) == some
