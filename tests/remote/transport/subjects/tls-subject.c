/* SPDX-License-Identifier: MIT */

/* Any other subject with TLS around it: linked with one, it takes the place of the suite, and has
 * it run with this one. A connection that is cut off is known to be, whatever it goes through. */

#include <remote/transport/suite.h>

#include <actor-remote/tls.h>
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

static struct actor_tls *make_tls(void)
{
	struct actor_tls_options options = { .size = sizeof options };
	struct actor_why why = { "" };
	struct actor_tls *made = NULL;

	certificate_make("ca",
			 &(struct certificate_wish){ .common_name = "ca", .authority = true });
	certificate_make("end", &(struct certificate_wish){ .names = "DNS:localhost", .by = "ca" });
	options.certificate_file = certificates_path("end.pem");
	options.key_file = certificates_path("end.key");
	options.ca_file = certificates_path("ca.pem");
	if (actor_tls_create(&options, &made, &why) < 0)
		fprintf(stderr, "%s\n", why.text);
	return made;
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
	certificates_open();
	tls = make_tls();
	n_failed = tls ? __real_transport_suite_run(&with_tls) : 1;
	actor_tls_unref(tls);
	certificates_close();
	return n_failed;
}
