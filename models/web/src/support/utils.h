// Included by the runtime's tensor cache, which uses nothing of it.
#ifndef SIDELIGHT_SUPPORT_UTILS_H_
#define SIDELIGHT_SUPPORT_UTILS_H_
#endif  // SIDELIGHT_SUPPORT_UTILS_H_
