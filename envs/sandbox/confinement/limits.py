"""Resource limits: address space, no growing file, few descriptors, no core dump (setrlimit(2))."""

import sys


def limit(memory: int) -> str:
    """Set soft and hard limits; `memory` is in bytes of address space. "on", or what is missing."""
    try:
        import resource
    except ImportError:
        return f"{sys.platform} has no resource limits"
    missing: list[str] = []
    for name, most in (("RLIMIT_AS", memory), ("RLIMIT_FSIZE", 0), ("RLIMIT_NOFILE", 128), ("RLIMIT_CORE", 0)):
        what = getattr(resource, name, None)
        if what is None:
            missing.append(f"no {name} on {sys.platform}")
            continue
        try:
            _, hard = resource.getrlimit(what)
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (least, least))
        except (ValueError, OSError) as error:
            missing.append(f"{name} cannot be set: {error}")
    if sys.platform == "darwin" and not missing:
        missing.append("macOS does not hold a process to RLIMIT_AS")
    return "; ".join(missing) or "on"
