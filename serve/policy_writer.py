"""Who writes queries for a name on a command line: a policy at hand, or a model at an endpoint."""

from policy.named_policy import named
from serve.writer import Asking, Writer


def writer_of(policy: str, server_url: str | None, asking: Asking) -> tuple[Writer, bool]:
    """The writer, and whether its training showed schemas with sample values (`envs.annotated_schema`). With a URL
    `policy` is a model's name there. Raises ConfigError where there is none."""
    if server_url is not None:
        from serve.endpoint_writer import EndpointWriter

        return EndpointWriter(policy, server_url, asking), False
    known = named(policy)
    from serve.local_writer import LocalWriter

    return LocalWriter(known, asking), known.run.get("task") == "bird"
