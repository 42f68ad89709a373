/* SPDX-License-Identifier: MIT */
#ifndef SECURE_H
#define SECURE_H

#include "remote.h"

#include <actor-remote/tls.h>
#include <stdbool.h>

/**
 * DOC: keys for connections that nobody else can read
 *
 * The process that was started makes them, in a directory that goes with it, before it makes
 * others: an authority, "authority.pem", and one that it has given a certificate, "both.pem" with
 * "both.key", which is good for either side, by the name SECURE_NAME or this machine's addresses.
 */

#define SECURE_NAME "localhost"

/** is_secure() - whether it is to be */
bool is_secure(const struct settings *settings);

/** secure_open(), secure_close() - make keys, and remove them, if they are needed; ends the process
 * with 2 where there is no TLS */
void secure_open(const struct settings *settings);
void secure_close(const struct settings *settings);

/** secure_tls() - for either side, owned by the caller; NULL when it is not to be secure */
struct actor_tls *secure_tls(const struct settings *settings);

/** secure_path() - of one of the files; borrowed until the third call from now */
const char *secure_path(const char *name);

/** secure_file() - what is in one of the files, as text, until the end of the process */
const char *secure_file(const char *name);

#endif
