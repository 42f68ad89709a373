/* SPDX-License-Identifier: MIT */

/* Any other subject with TLS around it: linked with one, it takes the place of the suite, and has
 * it run with this one. A connection that is cut off is known to be, whatever it goes through. */

#include <remote/transport/suite.h>

#include <remote/certificates.h>
#include <stdio.h>

int __real_transport_suite_run(const struct transport_subject *subject);
int __wrap_transport_suite_run(const struct transport_subject *subject);

static const struct transport_subject *below;
static struct actor_tls *tls;

static void *create(void)
{
	return below->create();
}

static int connect_ends(void *instance, struct actor_transport *ret_ends[2])
{
	int rc = below->connect(instance, ret_ends);

	if (rc == 0)
		rc = actor_tls_client(tls, ret_ends[0], "localhost", &ret_ends[0]);
	if (rc == 0)
		rc = actor_tls_server(tls, ret_ends[1], &ret_ends[1]);
	return rc;
}

static int destroy(void *instance)
{
	return below->destroy(instance);
}

int __wrap_transport_suite_run(const struct transport_subject *subject)
{
	char name[64];
	struct transport_subject with_tls = {
		.name = name,
		.capabilities = TRANSPORT_LOSS_IS_TOLD,
		.create = create,
		.connect = connect_ends,
		.destroy = destroy,
	};
	int n_failed;

	below = subject;
	snprintf(name, sizeof name, "tls-%s", subject->name);
	certificates_open_usual();
	tls = certificate_load("server", "ca", NULL);
	n_failed = __real_transport_suite_run(&with_tls);
	actor_tls_unref(tls);
	certificates_close();
	return n_failed;
}
