/* SPDX-License-Identifier: MIT */

#include "secure.h"

#include "certificates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool is_secure(const struct settings *settings)
{
	return strcmp(settings->secure, "yes") == 0;
}

void secure_open(const struct settings *settings)
{
	if (!is_secure(settings))
		return;
	certificates_open(); /* of a curve that all libraries know */
	certificate_make("authority", &(struct certificate_wish){ .common_name = "authority",
								  .curve = "P-256",
								  .authority = true });
	certificate_make("both",
			 &(struct certificate_wish){ .common_name = "both",
						     .names = "DNS:" SECURE_NAME ",IP:127.0.0.1",
						     .by = "authority",
						     .curve = "P-256" });
}

void secure_close(const struct settings *settings)
{
	if (is_secure(settings))
		certificates_close();
}

struct actor_tls *secure_tls(const struct settings *settings)
{
	return is_secure(settings) ? certificate_load("both", "authority", NULL) : NULL;
}

const char *secure_path(const char *name)
{
	return certificates_path(name);
}

const char *secure_file(const char *name)
{
	static char texts[4][16384];
	static unsigned n_texts;
	char *text = texts[n_texts++];
	FILE *file = fopen(certificates_path(name), "r");

	EXPECT(n_texts <= 4 && file);
	EXPECT(fread(text, 1, sizeof texts[0] - 1, file) > 0 && feof(file));
	fclose(file);
	return text;
}
