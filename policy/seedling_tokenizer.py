"""The seedling's tokenizer: byte-level BPE trained on generated text, with the ChatML template of Qwen2.5.

The template is TRL's own, byte for byte: TRL recognises templates by equality, and its tool calling accepts this one.
"""

from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
PIECES = Regex(r" ?\b[A-Z]{2,}(?: [A-Z]{2,})*\b ?|T[1-9]\.?|\p{L}+|\p{N}|_|[^\p{L}\p{N}_]+")
"""A run of SQL's capitals with the spaces around it, a table alias, a word, one digit, an underscore, or other signs.

A word never carries the space or sign before it, so a name is the same tokens in the schema, the question and the SQL:
a small policy learns to copy much sooner.
"""


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """A tokenizer of `vocabulary` tokens, the three special ones included; any string round-trips through it."""
    from trl.chat_template_utils import qwen2_5_chat_template

    tokenizer = Tokenizer(models.BPE(byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(PIECES, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        padding_side="left",
        model_max_length=4096,
        clean_up_tokenization_spaces=False,
        chat_template=qwen2_5_chat_template,
    )
