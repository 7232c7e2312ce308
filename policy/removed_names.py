"""Names from older configs and tutorials that TRL 1.16 or transformers 5 no longer has, with what replaced each."""

REMOVED = {
    "max_prompt_length": "TRL no longer cuts prompts; max_prompt_tokens drops the questions whose prompt is longer.",
    "warmup_ratio": "Write the share as warmup_steps: 0.1, which transformers 5 reads as a ratio when it is below 1.",
    "overwrite_output_dir": "No run is ever overwritten: --resume continues it, another output_dir begins a new one.",
    "logging_dir": "A tracker finds its place by itself; TensorBoard reads the variable TENSORBOARD_LOGGING_DIR.",
    "evaluation_strategy": "It is called eval_strategy.",
    "group_by_length": "Write train_sampling_strategy: group_by_length.",
    "no_cuda": "It is called use_cpu.",
    "torch_dtype": "It is called dtype.",
    "use_liger_loss": "Write use_liger_kernel: true.",
    "vllm_guided_decoding_regex": "It is called vllm_structured_outputs_regex.",
    "use_mps_device": "The device is found by itself.",
}
