/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_CERTIFICATES_H
#define TESTS_REMOTE_CERTIFICATES_H

#include <actor-remote/tls.h>
#include <stdbool.h>

/** DOC: certificates and keys, made by the test itself, in a directory that goes with it. The
 * process ends when something goes wrong with that */

/**
 * struct certificate_wish - what is to be in one
 * @common_name: of the subject; NULL: none
 * @names:       what it is for: "DNS:example.org,IP:127.0.0.1"; NULL: nothing
 * @by:          which one made before has given it; NULL: it has itself
 * @authority:   it may give others
 * @purpose:     "serverAuth,clientAuth"; NULL: any
 * @from_s:      valid from, relative to now; 0: an hour ago
 * @until_s:     and until; 0: in an hour
 * @curve:       its key is of this curve, "P-256", and its signatures differ in length; NULL:
 * Ed25519
 */
struct certificate_wish {
	const char *common_name;
	const char *names;
	const char *by;
	bool authority;
	const char *purpose;
	long from_s;
	long until_s;
	const char *curve;
};

/** certificates_open() - a directory for them */
void certificates_open(void);

/** certificates_open_usual() - the same, with an authority, "ca", and whom it knows: "client", who
 * is "a client" and client.example; and "server", "a server", who is localhost and 127.0.0.1 */
void certificates_open_usual(void);

/** certificates_close() - remove it */
void certificates_close(void);

/** certificate_make() - a certificate and its key: NAME.pem, and NAME.key; signatures of
 * Ed25519 are always of the same length */
void certificate_make(const char *name, const struct certificate_wish *wish);

/** certificate_append() - to NAME.pem, the certificate of another one, so many times */
void certificate_append(const char *name, const char *other, unsigned n);

/** certificate_list() - to NAME.pem, the list of those that BY has revoked: one, or NULL; followed
 * by another in so many seconds, 0: in an hour */
void certificate_list(const char *name, const char *by, const char *revoked, long until_s);

/** certificate_rename() - NAME.pem and NAME.key, in the place of those of another one */
void certificate_rename(const char *name, const char *to);

/** certificates_path() - of a file there, made or not; borrowed until the third call from now */
const char *certificates_path(const char *file);

/** certificate_load() - NAME.pem and NAME.key, NULL: none; trusting AUTHORITY.pem; with more
 * options, or NULL */
struct actor_tls *certificate_load(const char *name, const char *authority,
				   const struct actor_tls_options *more);

#endif
