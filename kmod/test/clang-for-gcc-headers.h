/* SPDX-License-Identifier: GPL-2.0 */
/* Included after the kernel's configuration: see clang-for-gcc-headers. */
#undef CONFIG_USE_X86_SEG_SUPPORT
