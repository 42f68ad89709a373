/* SPDX-License-Identifier: MIT */

/* For want of OpenSSL: nobody has credentials, so there is nothing else to be asked for. */

#include "tls-roles.h"

int actor_tls_create(const struct actor_tls_options *options, struct actor_tls **ret_tls,
		     struct actor_why *why)
{
	(void)options, (void)ret_tls;
	if (why)
		actor__copy_text(why->text, sizeof why->text, "built without TLS");
	return ACTOR_E_UNSUPPORTED;
}

int actor_tls_reload(struct actor_tls *tls, struct actor_why *why)
{
	(void)tls, (void)why;
	return ACTOR_E_UNSUPPORTED;
}

struct actor_tls *actor_tls_ref(struct actor_tls *tls)
{
	return tls;
}

void actor_tls_unref(struct actor_tls *tls)
{
	(void)tls;
}

bool actor__tls_can_serve(const struct actor_tls *tls)
{
	(void)tls;
	return false;
}

bool actor__tls_can_call(const struct actor_tls *tls, const char *name)
{
	(void)tls, (void)name;
	return false;
}

int actor_tls_client(struct actor_tls *tls, struct actor_transport *inner, const char *name,
		     struct actor_transport **ret_transport)
{
	(void)tls, (void)inner, (void)name, (void)ret_transport;
	return ACTOR_E_UNSUPPORTED;
}

int actor_tls_server(struct actor_tls *tls, struct actor_transport *inner,
		     struct actor_transport **ret_transport)
{
	(void)tls, (void)inner, (void)ret_transport;
	return ACTOR_E_UNSUPPORTED;
}
