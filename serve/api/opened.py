"""What stands open while the service runs: one writer, one sandbox, an asker for each database."""

from collections.abc import Mapping
from dataclasses import dataclass

from envs.execution import Limits
from envs.sandbox import Sandbox
from envs.sandbox.pool import Pool
from envs.sandbox.side_by_side import SideBySide
from policy.named_policy import named
from policy.weights import fingerprint
from serve.api.one_at_a_time import OneAtATime
from serve.api.options import Options
from serve.asker import STEPS, Asker
from serve.database_file import database_at
from serve.endpoint_writer import EndpointWriter
from serve.policy_writer import writer_of
from serve.writer import Asking, Writer


@dataclass(frozen=True, slots=True)
class Opened:
    """`policy` tells one policy from another: the fingerprint of its weights, or where it is served."""

    askers: Mapping[str, Asker]
    writer: Writer
    sandbox: Sandbox
    policy: str

    def close(self) -> None:
        for asker in self.askers.values():
            asker.close()
        self.sandbox.close()
        self.writer.close()

    def expect(self) -> None:
        """Raises ConfigError where the policy does not answer now."""
        if isinstance(self.writer, EndpointWriter):
            self.writer.expect()


def opened(options: Options) -> Opened:
    """Raises ConfigError where the policy or a database cannot be had. A server that is away may come later."""
    for file in options.databases.values():
        database_at(file)
    limits = Limits(options.seconds, options.limit_rows, options.memory << 20, STEPS)
    sandbox = Sandbox(options.workers, limits, pool=SideBySide(Pool(options.workers, limits)))
    writer: Writer | None = None
    try:
        asking = Asking(prompt=options.prompt, max_new_tokens=options.max_new_tokens)
        writer = writer_of(options.policy, options.server_url, asking, options.patience)
        if options.server_url is None:
            writer = OneAtATime(writer)
        askers = {
            name: Asker(
                options.policy,
                file,
                samples=options.samples,
                temperature=options.temperature,
                repair=not options.no_repair,
                rows=options.rows,
                limits=limits,
                schema_tokens=options.schema_tokens,
                server_url=options.server_url,
                seed=options.seed,
                writer=writer,
                sandbox=sandbox,
            )
            for name, file in options.databases.items()
        }
        sandbox.allow(asker.database for asker in askers.values())
        served = f"{options.policy} at {options.server_url}"
        policy = served if options.server_url else fingerprint(named(options.policy).model)
    except BaseException:
        sandbox.close()
        if writer is not None:
            writer.close()
        raise
    return Opened(askers, writer, sandbox, policy)
