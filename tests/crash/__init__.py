"""Crashes, power cuts, lost answers and bad disks, made on purpose: that issuing survives them is proven here.

`tests/proofs/{kill,kill_processes,powerloss,model,disk}.py` run the long forms, `test_*.py` here the short ones.
"""
