/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses: text and socket addresses, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>

#include "underlay/addr.h"

static const struct row {
	const char *text, *shown; /* shown NULL: refused */
	int family;
} rows[] = {
	{ "10.0.0.1", "10.0.0.1", AF_INET },
	{ "255.255.255.255", "255.255.255.255", AF_INET },
	{ "0.0.0.0", "0.0.0.0", AF_INET },
	{ "::1", "::1", AF_INET6 },
	{ "fd00:0:0::0:1", "fd00::1", AF_INET6 },
	{ "FD00::A", "fd00::a", AF_INET6 },
	{ "::ffff:10.0.0.1", "10.0.0.1", AF_INET }, /* mapped: the same address */
	{ "10.0.0", NULL, 0 },
	{ "10.0.0.256", NULL, 0 },
	{ "10.0.0.1 ", NULL, 0 },
	{ "fd00::1%eth0", NULL, 0 },
	{ "host.example", NULL, 0 },
	{ "", NULL, 0 },
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[UL_ADDR_TEXT];
		struct ul_addr a, back;

		assert_int_equal(ul_addr_parse(rows[i].text, &a), rows[i].shown ? 0 : -EINVAL);
		if (!rows[i].shown)
			continue;
		assert_int_equal(ul_addr_family(&a), rows[i].family);
		assert_string_equal(ul_addr_format(&a, text), rows[i].shown);
		assert_int_equal(ul_addr_parse(text, &back), 0);
		assert_true(ul_addr_eq(&a, &back));
	}
}

static void test_socket_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && rows[i].shown; i++) {
		struct sockaddr_storage sa;
		struct ul_addr a, back;
		socklen_t len;

		assert_int_equal(ul_addr_parse(rows[i].text, &a), 0);
		len = ul_addr_to_sa(&a, 4789, &sa);
		assert_int_equal(sa.ss_family, rows[i].family);
		assert_int_equal(len, rows[i].family == AF_INET ? sizeof(struct sockaddr_in)
								: sizeof(struct sockaddr_in6));
		/* both families have the port in the same place */
		assert_int_equal(((struct sockaddr_in *)&sa)->sin_port, htons(4789));
		ul_addr_from_sa(&sa, &back);
		assert_true(ul_addr_eq(&a, &back));
	}
}

static void test_any(void **state)
{
	struct ul_addr a;

	(void)state;
	assert_int_equal(ul_addr_parse("::", &a), 0);
	assert_true(ul_addr_is_any(&a));
	assert_int_equal(ul_addr_parse("::1", &a), 0);
	assert_false(ul_addr_is_any(&a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_socket_addresses),
		cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
