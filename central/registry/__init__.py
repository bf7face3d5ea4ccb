"""RegistryService: who may have which document, and what became of every issuance."""
