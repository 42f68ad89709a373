/* SPDX-License-Identifier: MIT */

/*
 * Texts: addresses of sockets, as actor_connect() and actor_listen() take them; UTF-8; names that
 * ids of services are made of.
 *
 *	0	which of these
 *	1	the text
 */

#include "fuzz.h"

#include <actor-remote/actor-remote.h>
#include <arpa/inet.h>
#include <socket-address.h>
#include <utf8.h>

static char *text_of(const struct input *input)
{
	size_t n = input->n > 0 ? strnlen((const char *)input->at, input->n) : 0;
	char *text = malloc(n + 1);

	MUST(text);
	if (n > 0)
		memcpy(text, input->at, n);
	text[n] = '\0';
	return text;
}

/* ---- addresses */

static void must_be_port(const char *port)
{
	MUST(strspn(port, "0123456789") == strlen(port) && port[0]);
	MUST(port[0] != '0' || !port[1]);
	MUST(strtoul(port, NULL, 10) <= 65535);
}

/* A number that is written as the address of a socket is an address. */
static void write_number(const struct actor__socket_address *address)
{
	struct sockaddr_in four = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)atoi(address->port)) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = four.sin_port };
	char written[ACTOR__SOCKET_ADDRESS_TEXT];
	struct actor__socket_address again;

	if (inet_pton(AF_INET, address->host, &four.sin_addr) == 1)
		actor__socket_address_format((const struct sockaddr *)&four, sizeof four, written,
					     sizeof written);
	else if (inet_pton(AF_INET6, address->host, &six.sin6_addr) == 1)
		actor__socket_address_format((const struct sockaddr *)&six, sizeof six, written,
					     sizeof written);
	else
		return;
	MUST(actor__socket_address_parse(&again, written) == 0);
	MUST(strcmp(again.port, address->port) == 0);
}

static void must_be_tcp(const struct actor__socket_address *address)
{
	char text[300];
	struct actor__socket_address again;
	bool has_colon = strchr(address->host, ':') != NULL;

	MUST(address->host[0] && memchr(address->host, '\0', sizeof address->host));
	MUST(!strpbrk(address->host, "[]"));
	must_be_port(address->port);
	snprintf(text, sizeof text, "tcp:%s%s%s:%s", has_colon ? "[" : "", address->host,
		 has_colon ? "]" : "", address->port);
	MUST(actor__socket_address_parse(&again, text) == 0);
	MUST(memcmp(&again, address, sizeof again) == 0);
	write_number(address);
}

static void must_be_unix(const struct actor__socket_address *address, const char *text)
{
	char written[ACTOR__SOCKET_ADDRESS_TEXT];

	MUST(strcmp(address->path.sun_path, text + 5) == 0);
	MUST(address->path.sun_family == AF_UNIX);
	actor__socket_address_format((const struct sockaddr *)&address->path, sizeof address->path,
				     written, sizeof written);
	MUST(strcmp(written, text) == 0);
}

static void address_of(const char *text)
{
	struct actor__socket_address address;
	int rc = actor__socket_address_parse(&address, text);

	MUST(rc == 0 || rc == ACTOR_E_INVALID);
	if (rc == 0 && address.is_unix)
		must_be_unix(&address, text);
	else if (rc == 0)
		must_be_tcp(&address);
}

/* ---- characters */

/* All of them, one by one, are what there was. */
static void must_be_characters(const uint8_t *bytes, size_t n)
{
	while (n > 0) {
		uint32_t character;
		uint8_t written[4];
		size_t n_read = actor__utf8_get(bytes, &character);

		MUST(n_read > 0 && n_read <= n);
		MUST(character < 0xd800 || (character > 0xdfff && character <= 0x10ffff));
		MUST(actor__utf8_put(written, character) == n_read);
		MUST(memcmp(written, bytes, n_read) == 0);
		bytes += n_read;
		n -= n_read;
	}
}

/* By the table of RFC 3629. */
static size_t length_of_character(const uint8_t *at, size_t n)
{
	static const struct {
		uint8_t first[2], second[2];
		uint8_t n_bytes;
	} rows[] = {
		{ { 0xc2, 0xdf }, { 0x80, 0xbf }, 2 }, { { 0xe0, 0xe0 }, { 0xa0, 0xbf }, 3 },
		{ { 0xe1, 0xec }, { 0x80, 0xbf }, 3 }, { { 0xed, 0xed }, { 0x80, 0x9f }, 3 },
		{ { 0xee, 0xef }, { 0x80, 0xbf }, 3 }, { { 0xf0, 0xf0 }, { 0x90, 0xbf }, 4 },
		{ { 0xf1, 0xf3 }, { 0x80, 0xbf }, 4 }, { { 0xf4, 0xf4 }, { 0x80, 0x8f }, 4 },
	};

	if (at[0] < 0x80)
		return 1;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		if (at[0] < rows[i].first[0] || at[0] > rows[i].first[1] || n < rows[i].n_bytes ||
		    at[1] < rows[i].second[0] || at[1] > rows[i].second[1])
			continue;
		for (size_t k = 2; k < rows[i].n_bytes; k++)
			if (at[k] >> 6 != 2)
				return 0;
		return rows[i].n_bytes;
	}
	return 0;
}

static bool are_characters(const uint8_t *bytes, size_t n)
{
	while (n > 0) {
		size_t length = length_of_character(bytes, n);

		if (length == 0)
			return false;
		bytes += length;
		n -= length;
	}
	return true;
}

static void characters_of(const struct input *input)
{
	uint8_t *copy = fuzz_copy(input->at, input->n);
	bool are = actor__utf8_is_valid(copy, input->n);

	MUST(are == are_characters(copy, input->n));
	if (are)
		must_be_characters(copy, input->n);
	free(copy);
}

/* ---- ids */

static void id_of(const char *text)
{
	const char *blank = strchr(text, ' ');
	size_t n = blank ? (size_t)(blank - text) : strlen(text);
	char name[1024];
	uint64_t id;

	if (n >= sizeof name)
		return;
	memcpy(name, text, n);
	name[n] = '\0';
	id = actor_service_id(name, blank ? blank + 1 : "");
	MUST(id != ACTOR_SERVICE_RESPONSE);
	MUST(id == actor_service_id(name, blank ? blank + 1 : ""));
	MUST(id != 0 || strlen(text) > 200);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input input = { data, n };
	uint8_t which = input_byte(&input);
	char *text = text_of(&input);

	switch (which % 3) {
	case 0:
		address_of(text);
		break;
	case 1:
		characters_of(&input);
		break;
	default:
		id_of(text);
	}
	free(text);
	return 0;
}
