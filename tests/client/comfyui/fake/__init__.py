"""A small server that speaks ComfyUI's protocol over real sockets: ``python -m tests.client.comfyui.fake``.

It runs the prompts that it is given, node by node, and says about them what ComfyUI says, to those to whom ComfyUI
says it. It was written by what is read in ComfyUI's own source (``server.py``, ``execution.py``, ``protocol.py``,
``comfy_execution/jobs.py`` and ``progress.py`` of Comfy-Org/ComfyUI, late 2026); no line of it is from there. Its traps
are the real ones, and it can be told to duplicate, reorder, delay and cut (``POST /fake``).
"""
