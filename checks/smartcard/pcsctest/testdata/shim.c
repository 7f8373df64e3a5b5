/* A reader driver that hands everything to the driver beside it (its own path and ".real"), but for the faults that files
   in the folder beside it (its own path and ".faults") ask for:
   gone (the reader is unplugged), mute (the card cannot be powered), comm (no command gets through), once (one
   command does not), extended (no extended-length command gets through). */
#define _GNU_SOURCE
#include <PCSC/ifdhandler.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The path of something beside this library, in a buffer that the next call uses again. */
static const char *beside(const char *suffix, const char *name) {
  static _Thread_local char path[PATH_MAX];
  Dl_info self;
  if (!dladdr((void *)beside, &self) || snprintf(path, sizeof path, "%s%s%s", self.dli_fname, suffix, name) >= (int)sizeof path)
    abort();
  return path;
}

static void *real(const char *name) {
  static void *library;
  if (!library) library = dlopen(beside(".real", ""), RTLD_NOW | RTLD_LOCAL);
  void *function = library ? dlsym(library, name) : NULL;
  if (!function) abort();
  return function;
}

#define FAULT(name) (access(beside(".faults/", name), F_OK) == 0)
#define FORWARD(name, types, ...) ((RESPONSECODE(*) types)real(#name))(__VA_ARGS__)

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR device) {
  return FORWARD(IFDHCreateChannelByName, (DWORD, LPSTR), lun, device);
}
RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel) {
  return FORWARD(IFDHCreateChannel, (DWORD, DWORD), lun, channel);
}
RESPONSECODE IFDHCloseChannel(DWORD lun) { return FORWARD(IFDHCloseChannel, (DWORD), lun); }
RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value) {
  return FORWARD(IFDHGetCapabilities, (DWORD, DWORD, PDWORD, PUCHAR), lun, tag, length, value);
}
RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value) {
  return FORWARD(IFDHSetCapabilities, (DWORD, DWORD, DWORD, PUCHAR), lun, tag, length, value);
}
RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR a, UCHAR b, UCHAR c) {
  return FORWARD(IFDHSetProtocolParameters, (DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR), lun, protocol, flags, a, b, c);
}
RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD length) {
  if (FAULT("gone")) return IFD_NO_SUCH_DEVICE;
  if (FAULT("mute") && action != IFD_POWER_DOWN) return IFD_ERROR_POWER_ACTION;
  return FORWARD(IFDHPowerICC, (DWORD, DWORD, PUCHAR, PDWORD), lun, action, atr, length);
}
RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER in, PUCHAR tx, DWORD txLength, PUCHAR rx, PDWORD rxLength,
                               PSCARD_IO_HEADER out) {
  if (FAULT("gone")) return IFD_NO_SUCH_DEVICE;
  if (FAULT("comm") || unlink(beside(".faults/", "once")) == 0 || (FAULT("extended") && txLength == 7 && tx[4] == 0)) {
    *rxLength = 0;
    return IFD_COMMUNICATION_ERROR;
  }
  return FORWARD(IFDHTransmitToICC, (DWORD, SCARD_IO_HEADER, PUCHAR, DWORD, PUCHAR, PDWORD, PSCARD_IO_HEADER), lun, in,
                 tx, txLength, rx, rxLength, out);
}
RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR tx, DWORD txLength, PUCHAR rx, DWORD rxLength, LPDWORD returned) {
  return FORWARD(IFDHControl, (DWORD, DWORD, PUCHAR, DWORD, PUCHAR, DWORD, LPDWORD), lun, code, tx, txLength, rx,
                 rxLength, returned);
}
RESPONSECODE IFDHICCPresence(DWORD lun) {
  if (FAULT("gone")) return IFD_NO_SUCH_DEVICE;
  return FORWARD(IFDHICCPresence, (DWORD), lun);
}
