"""House rules: what every file here keeps to. One test a rule, and one that plants a violation."""
