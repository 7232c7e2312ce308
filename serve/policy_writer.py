"""Who writes queries for a name on a command line: a policy at hand, or a model at an endpoint."""

from policy.named_policy import named
from serve.writer import Asking, Writer


def shows_values(policy: str, server_url: str | None) -> bool:
    """Whether its training showed schemas with sample values (`envs.annotated_schema`), as BIRD's does. Raises
    ConfigError where there is no such policy; nothing is loaded."""
    return server_url is None and named(policy).run.get("task") == "bird"


def writer_of(policy: str, server_url: str | None, asking: Asking, patience: float | None = None) -> Writer:
    """With a URL `policy` is a model's name there; `patience` is with its server, in seconds (`EndpointWriter`). Raises
    ConfigError where there is none."""
    if server_url is not None:
        from serve.endpoint_writer import EndpointWriter

        return EndpointWriter(policy, server_url, asking, patience=patience)
    from serve.local_writer import LocalWriter

    return LocalWriter(named(policy), asking)
