"""What central keeps: schema, transactions, and the SQL of each thing kept."""
