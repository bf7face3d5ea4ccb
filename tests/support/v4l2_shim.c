/* A V4L2 camera inside one process, for tests: preloaded, it answers open and ioctl for one device path.
 *
 * OpenCV's own V4L2 code runs unchanged above it. Frames are the JPEG files 0.jpg, 1.jpg, ... of the folder
 * ADM_V4L2_FRAMES, again and again, 30 a second; while that folder holds a file "unplugged" the device is gone.
 * Source of the calls: linux/videodev2.h, and the kernel's "Video for Linux API", streaming I/O (memory mapping).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BUFFERS 4
#define BUFFER_BYTES (1 << 20)
#define WIDTH 640
#define HEIGHT 480

static int device_fd = -1;
static void *memory[BUFFERS];
static int queue[BUFFERS], queued;
static unsigned frame, sequence;

static int unplugged(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/unplugged", getenv("ADM_V4L2_FRAMES"));
    return access(path, F_OK) == 0;
}

static int is_ours(const char *path)
{
    const char *device = getenv("ADM_V4L2_DEVICE");
    return device && path && strcmp(path, device) == 0;
}

static int open_as(const char *name, const char *path, int flags, mode_t mode)
{
    int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
    if (!is_ours(path))
        return next(path, flags, mode);
    if (unplugged()) {
        errno = ENOENT;
        return -1;
    }
    /* A character device that costs nothing; its descriptor stands for the camera. */
    device_fd = next("/dev/null", flags, mode);
    queued = 0;
    return device_fd;
}

#define MODE_OF(flags, mode)              \
    mode_t mode = 0;                      \
    if (flags & (O_CREAT | O_TMPFILE)) {  \
        va_list words;                    \
        va_start(words, flags);           \
        mode = va_arg(words, mode_t);     \
        va_end(words);                    \
    }

int open(const char *path, int flags, ...)
{
    MODE_OF(flags, mode)
    return open_as("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE_OF(flags, mode)
    return open_as("open64", path, flags, mode);
}

int close(int fd)
{
    int (*next)(int) = dlsym(RTLD_NEXT, "close");
    if (fd == device_fd)
        device_fd = -1;
    return next(fd);
}

static void *map_as(const char *name, void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    void *(*next)(void *, size_t, int, int, int, off_t) = dlsym(RTLD_NEXT, name);
    if (fd < 0 || fd != device_fd)
        return next(at, size, protection, flags, fd, offset);
    /* The reader may ask to read only; the "hardware" writes there. */
    void *made = next(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory[(offset / BUFFER_BYTES) % BUFFERS] = made;
    return made;
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return map_as("mmap", at, size, protection, flags, fd, offset);
}

void *mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return map_as("mmap64", at, size, protection, flags, fd, offset);
}

static long next_frame(void *into)
{
    char path[4096];
    const char *folder = getenv("ADM_V4L2_FRAMES");
    snprintf(path, sizeof path, "%s/%u.jpg", folder, frame++);
    FILE *file = fopen(path, "rb");
    if (!file) {
        frame = 1;
        snprintf(path, sizeof path, "%s/0.jpg", folder);
        file = fopen(path, "rb");
    }
    if (!file)
        return -1;
    long size = (long)fread(into, 1, BUFFER_BYTES, file);
    fclose(file);
    return size;
}

static int dequeue(struct v4l2_buffer *buffer)
{
    struct timespec pace = {0, 33 * 1000 * 1000};
    nanosleep(&pace, NULL);
    if (!queued) {
        errno = EAGAIN;
        return -1;
    }
    int index = queue[0];
    memmove(queue, queue + 1, --queued * sizeof *queue);
    long size = next_frame(memory[index]);
    if (size < 0) {
        errno = EIO;
        return -1;
    }
    buffer->index = (unsigned)index;
    buffer->bytesused = (unsigned)size;
    buffer->length = BUFFER_BYTES;
    buffer->sequence = sequence++;
    buffer->flags = V4L2_BUF_FLAG_DONE;
    return 0;
}

static void describe(struct v4l2_format *format)
{
    format->fmt.pix.width = WIDTH;
    format->fmt.pix.height = HEIGHT;
    format->fmt.pix.pixelformat = V4L2_PIX_FMT_MJPEG;
    format->fmt.pix.field = V4L2_FIELD_NONE;
    format->fmt.pix.bytesperline = 0;
    format->fmt.pix.sizeimage = BUFFER_BYTES;
}

static int answer(unsigned long request, void *argument)
{
    switch (request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *capability = argument;
        memset(capability, 0, sizeof *capability);
        strcpy((char *)capability->driver, "admshim");
        strcpy((char *)capability->card, "ADM test camera");
        /* Cameras have a second node for metadata, which gives no picture. */
        capability->device_caps = getenv("ADM_V4L2_METADATA") ? V4L2_CAP_META_CAPTURE : V4L2_CAP_VIDEO_CAPTURE;
        capability->device_caps |= V4L2_CAP_STREAMING;
        capability->capabilities = capability->device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0;
    }
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
    case VIDIOC_TRY_FMT:
        describe(argument);
        return 0;
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        struct v4l2_streamparm *parameter = argument;
        parameter->parm.capture.timeperframe.numerator = 1;
        parameter->parm.capture.timeperframe.denominator = 30;
        return 0;
    }
    case VIDIOC_REQBUFS: {
        struct v4l2_requestbuffers *wanted = argument;
        if (wanted->count > BUFFERS)
            wanted->count = BUFFERS;
        queued = 0;
        return 0;
    }
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *buffer = argument;
        buffer->length = BUFFER_BYTES;
        buffer->m.offset = buffer->index * BUFFER_BYTES;
        return 0;
    }
    case VIDIOC_QBUF:
        if (queued < BUFFERS)
            queue[queued++] = (int)((struct v4l2_buffer *)argument)->index;
        return 0;
    case VIDIOC_DQBUF:
        return dequeue(argument);
    case VIDIOC_STREAMON:
        return 0;
    case VIDIOC_STREAMOFF:
        queued = 0;
        return 0;
    default:
        errno = ENOTTY;
        return -1;
    }
}

int ioctl(int fd, unsigned long request, ...)
{
    int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    va_list words;
    va_start(words, request);
    void *argument = va_arg(words, void *);
    va_end(words);
    /* Callers sign-extend the number or not; the kernel looks at 32 bits. */
    request &= 0xffffffffUL;
    if (fd < 0 || fd != device_fd)
        return next(fd, request, argument);
    if (unplugged()) {
        errno = ENODEV;
        return -1;
    }
    return answer(request, argument);
}
