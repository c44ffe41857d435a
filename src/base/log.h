/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Log lines to standard error, with the <N> priority prefix that the journal understands when
 * started by systemd. Any thread but never per packet.
 */
#ifndef CVSW_BASE_LOG_H
#define CVSW_BASE_LOG_H

enum log_level {
	LOG_LVL_ERR = 3,
	LOG_LVL_WARN = 4,
	LOG_LVL_INFO = 6,
	LOG_LVL_DEBUG = 7
};

void log_set_level(enum log_level max);
void log_printf(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_err(...)   log_printf(LOG_LVL_ERR, __VA_ARGS__)
#define log_warn(...)  log_printf(LOG_LVL_WARN, __VA_ARGS__)
#define log_info(...)  log_printf(LOG_LVL_INFO, __VA_ARGS__)
#define log_debug(...) log_printf(LOG_LVL_DEBUG, __VA_ARGS__)

#endif
