"""This lab's questions and judge for inspect_ai (UK AI Security Institute, 0.3.285): `pip install -e ".[inspect]"`."""
