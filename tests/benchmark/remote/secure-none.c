/* SPDX-License-Identifier: MIT */
/* Where the library has no TLS: nothing is secure. */

#include "secure.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool is_secure(const struct settings *settings)
{
	return strcmp(settings->secure, "yes") == 0;
}

void secure_open(const struct settings *settings)
{
	if (!is_secure(settings))
		return;
	fprintf(stderr, "remote-benchmark: this library has no TLS\n");
	_exit(2);
}

void secure_close(const struct settings *settings)
{
	(void)settings;
}

struct actor_tls *secure_tls(const struct settings *settings)
{
	(void)settings;
	return NULL;
}

void bare_secure_serve(const struct settings *settings, const struct station *station)
{
	(void)settings, (void)station;
	wrong("this library has no TLS");
}

void bare_handshakes(const struct settings *settings, const char *address, struct costs *costs)
{
	(void)settings, (void)address, (void)costs;
	wrong("this library has no TLS");
}

const char *secure_file(const char *name)
{
	wrong(name);
}
