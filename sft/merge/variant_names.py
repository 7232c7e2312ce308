"""The variants a policy is exported in, by name. No torch."""

LABELS = {
    "fp32": "Plain weights in float32",
    "bf16": "Plain weights in bfloat16",
    "fp16": "Plain weights in float16",
    "int8": "bitsandbytes LLM.int8 (outlier threshold 6), what is not quantised in bfloat16",
    "nf4": "bitsandbytes NF4 with double quantisation, what is not quantised in bfloat16",
    "adapter": "The adapter alone, to be put on its base model",
}
NAMES = tuple(LABELS)

OF_DTYPE = {"bfloat16": "bf16", "float16": "fp16"}
"""A checkpoint's dtype -> the variant that keeps it; any other is kept as fp32."""
