"""vLLM's CPU build keeps a packed copy of the output head, which a reload of tied weights leaves as it was."""

from torch import nn


def repack_head(model: nn.Module) -> None:
    """Pack the head anew from the weight it shares with the embedding; nothing to do on a GPU.

    vLLM (0.31) processes a tied weight through one parent only, the embedding: without this a policy would be sampled
    with new embeddings and its first head, and nothing would say so but the log-probabilities.
    """
    from vllm.model_executor.layers.vocab_parallel_embedding import ParallelLMHead
    from vllm.platforms import current_platform

    if not current_platform.is_cpu():
        return
    for module in model.modules():
        if isinstance(module, ParallelLMHead):
            module.quant_method.process_weights_after_loading(module)
