/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TLS_ROLES_H
#define ACTOR__TLS_ROLES_H

#include <actor-remote/tls.h>

/** actor__tls_can_serve() - whether it has a certificate, without which one is no server */
bool actor__tls_can_serve(const struct actor_tls *tls);

/** actor__tls_can_call() - whether the certificate of a server may be asked for to be for @name,
 * which may be NULL where anybody's does */
bool actor__tls_can_call(const struct actor_tls *tls, const char *name);

#endif
