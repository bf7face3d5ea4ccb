-- The tables of schema 1, as SQLite kept them.
CREATE TABLE about (
	name VARCHAR(32) NOT NULL,
	value VARCHAR(256) NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE families (
	number VARCHAR(16) NOT NULL,
	address TEXT NOT NULL,
	rt VARCHAR(3) NOT NULL,
	rw VARCHAR(3) NOT NULL,
	village TEXT NOT NULL,
	district TEXT NOT NULL,
	regency TEXT NOT NULL,
	regency_kind VARCHAR(16) NOT NULL,
	province TEXT NOT NULL,
	postal_code VARCHAR(5) NOT NULL,
	issued_on DATE NOT NULL,
	PRIMARY KEY (number)
);
CREATE TABLE face_models (
	model_id VARCHAR(64) NOT NULL,
	threshold FLOAT NOT NULL,
	dimensions INTEGER NOT NULL,
	in_use BOOLEAN NOT NULL,
	PRIMARY KEY (model_id)
);
CREATE TABLE documents (
	document_id VARCHAR(36) NOT NULL,
	kind INTEGER NOT NULL,
	subject VARCHAR(64) NOT NULL,
	PRIMARY KEY (document_id),
	UNIQUE (kind, subject)
);
CREATE TABLE artefacts (
	grant_id VARCHAR(36) NOT NULL,
	pdf BLOB NOT NULL,
	PRIMARY KEY (grant_id)
);
CREATE TABLE counters (
	name VARCHAR(64) NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE machines (
	machine_id VARCHAR(128) NOT NULL,
	enrolled_at VARCHAR(32) NOT NULL,
	refused BOOLEAN NOT NULL,
	site_name TEXT,
	software_version VARCHAR(64),
	versions TEXT,
	started_at VARCHAR(32),
	seen_at VARCHAR(32),
	reported_at VARCHAR(32),
	in_session BOOLEAN,
	devices TEXT,
	services TEXT,
	journal_seq BIGINT,
	journal_hash VARCHAR(64),
	open_issuances INTEGER,
	outbox INTEGER,
	PRIMARY KEY (machine_id)
);
CREATE TABLE audit (
	seq BIGINT NOT NULL,
	at VARCHAR(32) NOT NULL,
	machine_id VARCHAR(128) NOT NULL,
	event VARCHAR(32) NOT NULL,
	details TEXT NOT NULL,
	hash BLOB NOT NULL,
	PRIMARY KEY (seq)
);
CREATE TABLE residents (
	nik VARCHAR(16) NOT NULL,
	family_number VARCHAR(16) NOT NULL,
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	sex VARCHAR(16) NOT NULL,
	birth_place TEXT NOT NULL,
	birth_date DATE NOT NULL,
	religion TEXT NOT NULL,
	education TEXT NOT NULL,
	occupation TEXT NOT NULL,
	blood VARCHAR(8) NOT NULL,
	marital VARCHAR(32) NOT NULL,
	married_on DATE,
	relation VARCHAR(32) NOT NULL,
	nationality VARCHAR(8) NOT NULL,
	father TEXT NOT NULL,
	mother TEXT NOT NULL,
	father_nik VARCHAR(16),
	mother_nik VARCHAR(16),
	card_uid BLOB,
	died_on DATE,
	PRIMARY KEY (nik),
	FOREIGN KEY(family_number) REFERENCES families (number)
);
CREATE INDEX ix_residents_mother_nik ON residents (mother_nik);
CREATE INDEX ix_residents_family_number ON residents (family_number);
CREATE INDEX ix_residents_father_nik ON residents (father_nik);
CREATE TABLE issuances (
	idempotency_key VARCHAR(36) NOT NULL,
	machine_id VARCHAR(128) NOT NULL,
	state VARCHAR(16) NOT NULL,
	document_id VARCHAR(36),
	holds VARCHAR(36),
	token_sha256 BLOB,
	data_version VARCHAR(64),
	grant_id VARCHAR(36),
	claims BLOB,
	signature BLOB,
	key_id VARCHAR(64),
	receipt_number VARCHAR(32),
	verify_token VARCHAR(64),
	begun_at VARCHAR(32),
	expires_at VARCHAR(32),
	outcome INTEGER,
	evidence INTEGER,
	void_reason INTEGER,
	blanks_spoiled INTEGER,
	journal_seq BIGINT,
	occurred_at VARCHAR(32),
	ended_at VARCHAR(32),
	PRIMARY KEY (idempotency_key),
	FOREIGN KEY(document_id) REFERENCES documents (document_id),
	UNIQUE (holds),
	UNIQUE (grant_id),
	UNIQUE (receipt_number),
	UNIQUE (verify_token)
);
CREATE INDEX ix_issuances_machine_id ON issuances (machine_id);
CREATE TABLE births (
	number VARCHAR(32) NOT NULL,
	nik VARCHAR(16) NOT NULL,
	registered_on DATE NOT NULL,
	child_order INTEGER NOT NULL,
	PRIMARY KEY (number),
	UNIQUE (nik),
	FOREIGN KEY(nik) REFERENCES residents (nik)
);
CREATE TABLE deaths (
	number VARCHAR(32) NOT NULL,
	nik VARCHAR(16) NOT NULL,
	name TEXT NOT NULL,
	sex VARCHAR(16) NOT NULL,
	birth_place TEXT NOT NULL,
	birth_date DATE NOT NULL,
	died_on DATE NOT NULL,
	died_in TEXT NOT NULL,
	registered_on DATE NOT NULL,
	reported_by VARCHAR(16) NOT NULL,
	father TEXT NOT NULL,
	mother TEXT NOT NULL,
	PRIMARY KEY (number),
	UNIQUE (nik),
	FOREIGN KEY(reported_by) REFERENCES residents (nik)
);
CREATE INDEX ix_deaths_reported_by ON deaths (reported_by);
CREATE TABLE moves (
	number VARCHAR(64) NOT NULL,
	applicant VARCHAR(16) NOT NULL,
	reason TEXT NOT NULL,
	to_address TEXT NOT NULL,
	to_rt VARCHAR(3) NOT NULL,
	to_rw VARCHAR(3) NOT NULL,
	to_village TEXT NOT NULL,
	to_district TEXT NOT NULL,
	to_regency TEXT NOT NULL,
	to_regency_kind VARCHAR(16) NOT NULL,
	to_province TEXT NOT NULL,
	to_postal_code VARCHAR(5) NOT NULL,
	issued_on DATE NOT NULL,
	PRIMARY KEY (number),
	FOREIGN KEY(applicant) REFERENCES residents (nik)
);
CREATE INDEX ix_moves_applicant ON moves (applicant);
CREATE TABLE reference_templates (
	nik VARCHAR(16) NOT NULL,
	model_id VARCHAR(64) NOT NULL,
	vector BLOB NOT NULL,
	PRIMARY KEY (nik, model_id),
	FOREIGN KEY(nik) REFERENCES residents (nik),
	FOREIGN KEY(model_id) REFERENCES face_models (model_id)
);
CREATE TABLE sessions (
	session_id VARCHAR(36) NOT NULL,
	machine_id VARCHAR(128) NOT NULL,
	nik VARCHAR(16) NOT NULL,
	token_sha256 BLOB,
	expires_at VARCHAR(32) NOT NULL,
	PRIMARY KEY (session_id),
	FOREIGN KEY(nik) REFERENCES residents (nik),
	UNIQUE (token_sha256)
);
CREATE INDEX ix_sessions_expires_at ON sessions (expires_at);
CREATE TABLE face_attempts (
	nik VARCHAR(16) NOT NULL,
	failed INTEGER NOT NULL,
	last_failed_at VARCHAR(32) NOT NULL,
	locked_until VARCHAR(32),
	PRIMARY KEY (nik),
	FOREIGN KEY(nik) REFERENCES residents (nik)
);
CREATE TABLE move_members (
	number VARCHAR(64) NOT NULL,
	position INTEGER NOT NULL,
	nik VARCHAR(16) NOT NULL,
	PRIMARY KEY (number, position),
	FOREIGN KEY(number) REFERENCES moves (number),
	FOREIGN KEY(nik) REFERENCES residents (nik)
);
INSERT INTO about VALUES ('schema', '1');
