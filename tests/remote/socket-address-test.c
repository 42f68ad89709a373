/* SPDX-License-Identifier: MIT */

/* Texts of addresses: what is taken, and what is not. */

#include "socket-address.h"
#include "test.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

static struct actor__socket_address address;

static int parse(const char *text)
{
	return actor__socket_address_parse(&address, text);
}

static void hosts_and_ports_are_told_apart(void **state)
{
	const char *const texts[][3] = {
		{ "tcp:127.0.0.1:4000", "127.0.0.1", "4000" },
		{ "tcp:example.org:0", "example.org", "0" },
		{ "tcp:[::1]:65535", "::1", "65535" },
		{ "tcp:[fe80::1%eth0]:1", "fe80::1%eth0", "1" },
		{ "tcp:h:00080", "h", "80" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		assert_int_equal(parse(texts[i][0]), 0);
		assert_false(address.is_unix);
		assert_string_equal(address.host, texts[i][1]);
		assert_string_equal(address.port, texts[i][2]);
	}
}

static void a_path_is_all_that_follows(void **state)
{
	(void)state;
	assert_int_equal(parse("unix:/tmp/a:b"), 0);
	assert_true(address.is_unix);
	assert_string_equal(address.path.sun_path, "/tmp/a:b");
	assert_int_equal(address.path.sun_family, AF_UNIX);
}

static void what_makes_no_sense_is_refused(void **state)
{
	const char *const texts[] = {
		"",
		"tcp",
		"tcp:",
		"tcp::",
		"tcp::4000",
		"tcp:host",
		"tcp:host:",
		"tcp:host:99999",
		"tcp:host:65536",
		"tcp:host:000080",
		"tcp:host:4294967296",
		"tcp:host:-1",
		"tcp:host:+1",
		"tcp:host: 1",
		"tcp:host:1 ",
		"tcp:host:http",
		"tcp:::1:4000",
		"tcp:[::1:4000",
		"tcp:::1]:4000",
		"tcp:[]:4000",
		"tcp:[host]:4000",
		"tcp:[[::1]]:4000",
		"tcp:[::1]4000",
		"tcp:[:4000",
		"unix",
		"unix:",
		"udp:host:1",
		"TCP:host:1",
		"host:1",
		"/tmp/socket",
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		if (parse(texts[i]) != ACTOR_E_INVALID)
			fail_msg("'%s' was taken", texts[i]);
}

/* What just fits, and what does not. */
static void what_is_too_long_is_refused(void **state)
{
	char text[400];

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text, "unix:", 5);
	text[5 + sizeof address.path.sun_path] = '\0';
	assert_int_equal(parse(text), ACTOR_E_INVALID);
	text[5 + sizeof address.path.sun_path - 1] = '\0';
	assert_int_equal(parse(text), 0);
	assert_int_equal(strlen(address.path.sun_path), sizeof address.path.sun_path - 1);
	memset(text, 'x', sizeof text);
	memcpy(text, "tcp:", 4);
	memcpy(text + 4 + 256, ":1", 3);
	assert_int_equal(parse(text), ACTOR_E_INVALID);
	memcpy(text + 4 + 255, ":1", 3);
	assert_int_equal(parse(text), 0);
	assert_int_equal(strlen(address.host), 255);
}

static void check_format(const void *from, socklen_t n, const char *expected)
{
	char text[ACTOR__SOCKET_ADDRESS_TEXT];

	actor__socket_address_format(from, n, text, sizeof text);
	assert_string_equal(text, expected);
}

static void what_is_formatted_can_be_parsed(void **state)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(4000) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(65535) };
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	(void)state;
	inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
	inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
	memset(path.sun_path, 'x', sizeof path.sun_path);
	check_format(&four, sizeof four, "tcp:192.0.2.1:4000");
	assert_int_equal(parse("tcp:192.0.2.1:4000"), 0);
	check_format(&six, sizeof six, "tcp:[2001:db8::1]:65535");
	assert_int_equal(parse("tcp:[2001:db8::1]:65535"), 0);
	check_format(&path, offsetof(struct sockaddr_un, sun_path), "unix:");
	check_format(&path, offsetof(struct sockaddr_un, sun_path) + 3, "unix:xxx");
	check_format(&none, sizeof none, "socket");
}

/* An address of a link alone is one only with the link that it is of. */
static void a_link_is_part_of_the_address(void **state)
{
	struct sockaddr_in6 local = { .sin6_family = AF_INET6,
				      .sin6_port = htons(4000),
				      .sin6_scope_id = if_nametoindex("lo") };

	(void)state;
	assert_int_not_equal(local.sin6_scope_id, 0);
	inet_pton(AF_INET6, "fe80::1", &local.sin6_addr);
	check_format(&local, sizeof local, "tcp:[fe80::1%lo]:4000");
	local.sin6_scope_id = INT32_MAX; /* one that has gone: its number */
	check_format(&local, sizeof local, "tcp:[fe80::1%2147483647]:4000");
}

/* However long, it fits, or is cut. */
static void a_text_is_never_too_long(void **state)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	char text[ACTOR__SOCKET_ADDRESS_TEXT], cut[8];

	(void)state;
	memset(path.sun_path, 'x', sizeof path.sun_path);
	actor__socket_address_format((const void *)&path, sizeof path, text, sizeof text);
	assert_int_equal(strlen(text), 5 + sizeof path.sun_path);
	actor__socket_address_format((const void *)&path, sizeof path, cut, sizeof cut);
	assert_string_equal(cut, "unix:xx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_and_ports_are_told_apart),
		cmocka_unit_test(a_path_is_all_that_follows),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(what_is_formatted_can_be_parsed),
		cmocka_unit_test(a_link_is_part_of_the_address),
		cmocka_unit_test(a_text_is_never_too_long),
	};

	return cmocka_run_group_tests_name("socket-address", tests, NULL, NULL);
}
